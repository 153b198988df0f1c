// What both sides of a link agree on: a message as its packets carry it.
#pragma once

#include "tcs/packets.hpp"

namespace tcs {

// The number of a message, which is a sum of its bytes.
std::uint8_t message_number(const PacketBytes& message);

// Behind a message that ends in 0x00 or 0x80 stands an 0x80: zeros at the end are filling.
void append_end(PacketBytes& message);

// Takes filling and end mark away; false if no message ends so.
bool remove_end(PacketBytes& message);

// Parts a message into preview and what follows it; nothing happens to one without a preview.
// Returns false if the preview is not all here.
bool take_preview(PacketBytes& message, PacketBytes& preview);

}  // namespace tcs

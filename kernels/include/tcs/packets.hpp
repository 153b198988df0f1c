// Packets: a message, mostly one stream, cut for a link of small payloads that loses some of them.
// docs/reference/packets.md is the specification.
//
// READ ME FIRST. A message of `data` blocks has as many data packets, which are its bytes in order,
// and any number of parity packets: any `data` of them all give it back (a Cauchy matrix over
// GF(256)). A packet names its message by eight bits that are a sum of the message's bytes, not a
// counter: a sender keeps nothing, a message sent again has the same packets, and a joiner finds by
// it most of what was joined from packets of different messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <vector>

namespace tcs {

using PacketBytes = std::vector<std::uint8_t>;

constexpr std::size_t kMaxPacket = 4096;      // bytes, its header too
constexpr std::size_t kMaxDataPackets = 128;  // of a message
constexpr std::size_t kMaxAllPackets = 256;   // of a message, parity too
constexpr std::size_t kShortData = 8;         // up to so many, and kShortAll, 2 bytes of header
constexpr std::size_t kShortAll = 16;
constexpr std::uint8_t kPreviewMark = 0xC0;  // first byte of a message with a preview

/// What a packet says of itself, behind 2 or 3 bytes.
struct PacketHeader {
    std::uint8_t number = 0;  // of the message
    std::uint16_t data = 1;   // data packets of the message, 1..128
    std::uint16_t index = 0;  // below `data`: a data packet; else a parity packet
    std::size_t size = 2;     // bytes of the header

    bool is_parity() const noexcept { return index >= data; }
};

/// Reads a packet's header. Throws Error: truncated (no byte behind it), limit (above kMaxPacket).
PacketHeader read_packet_header(const std::uint8_t* packet, std::size_t size);

/// Bytes of header that each packet of such a message has. Throws Error(argument) where it cannot
/// have so many.
std::size_t packet_header_size(std::size_t data, std::size_t parity);

/// How a message is cut.
struct Cut {
    std::size_t data = 0;   // packets
    std::size_t block = 0;  // bytes of a data packet behind its header, but for the last one
};

/// The fewest data packets, of nearly equal size, for a message of `size` bytes in payloads of
/// `payload`; the first block holds `first` bytes at least. `parity` packets are to follow.
/// Throws Error(argument) where kMaxDataPackets are too few, or the payload is.
Cut cut_message(std::size_t size, std::size_t payload, std::size_t parity, std::size_t first = 0);

/// Cuts a message into packets of at most `payload` bytes: those of data in order, then `parity`
/// more. With a preview (a stream that is useful alone) the first packet holds that whole.
/// Throws Error(argument) for an empty message, one that begins with kPreviewMark, and as
/// cut_message().
std::vector<PacketBytes> split_message(const std::uint8_t* message, std::size_t size,
                                       std::size_t payload, std::size_t parity,
                                       const std::uint8_t* preview = nullptr,
                                       std::size_t preview_size = 0);

/// Parity packets of a message of `data`: the share of them, rounded up.
/// Throws Error(argument) for a share below 0 or so many packets that no header can say it.
std::size_t parity_of_share(std::size_t data, double share);

/// The fewest parity packets with which `delivery` of all messages arrive whole where each packet
/// is lost with the chance `loss`, whatever becomes of others.
/// Throws Error(argument) for chances outside 0..1 and where no number will do.
std::size_t parity_for_delivery(std::size_t data, double delivery, double loss);

/// What became of a packet that was given to a Joiner.
enum class PacketFate : std::uint8_t {
    whole,      // its message is complete
    added,      // its message lacks others
    duplicate,  // it was here already
    late,       // its message was complete already
    mixed,      // with it a message would be complete and is none: it is another one's, or damaged
};

struct Joined {
    PacketFate fate = PacketFate::added;
    PacketHeader header;
    std::size_t held = 0;                // packets of the message that are here
    std::vector<std::uint16_t> missing;  // data packets that are not here, unless it is whole
    PacketBytes message;                 // whole; else what is here without a gap from its start
    PacketBytes preview;                 // where there is one, and its packet is here
};

struct JoinerLimits {
    std::size_t messages = 64;      // kept at once, complete ones too
    std::size_t bytes = 1U << 22U;  // of their blocks
};

/// Joins packets in any order, of several senders and messages at once.
///
/// A packet belongs to every open message of its sender with its number and count that it does not
/// contradict (another block size, other bytes for an index); if there is none it opens one. Where
/// a message is complete, its number is compared; if that is another one, the packet is not its own
/// and opens one anew. Complete messages are kept to know late packets by their bytes.
///
/// INVARIANT: no more messages and bytes are kept than the limits say, but for one message: the
/// oldest one of the sender that has most is forgotten first.
class Joiner {
public:
    explicit Joiner(JoinerLimits limits = {}) : limits_(limits) {}

    /// Takes a packet of a sender, any bytes by which the caller tells senders apart.
    /// Throws Error: as read_packet_header(), for bytes that cannot be a packet.
    Joined add(const std::uint8_t* packet, std::size_t size, const std::string& sender = {});

    std::size_t messages() const noexcept { return messages_.size(); }
    std::size_t bytes() const noexcept;

private:
    struct Message {
        std::string sender;
        PacketHeader header;    // of its first packet, whose index means nothing
        std::size_t block = 0;  // bytes; 0: not known yet
        std::map<std::uint16_t, PacketBytes> held;  // by index
        bool complete = false;

        bool is_of(const std::string& from, const PacketHeader& of) const noexcept;
        bool agrees(const PacketHeader& of, const PacketBytes& body) const;
        bool fits_blocks(const PacketHeader& of, std::size_t size) const;
        void take(const PacketHeader& of, const PacketBytes& body);
        std::size_t bytes() const noexcept;
    };
    using Messages = std::list<Message>;  // the oldest first

    Joined joined_into(Messages::iterator message, const PacketHeader& header,
                       const PacketBytes& body);
    static Joined completed(Message& message, const PacketHeader& header);
    void keep_within_limits();

    JoinerLimits limits_;
    Messages messages_;
};

/// The parity block `index` of blocks of `block` bytes. REQUIRES: index >= blocks.size(), below
/// kMaxAllPackets; blocks are no longer than `block`, and count as filled with zeros.
PacketBytes parity_block(const std::vector<PacketBytes>& blocks, std::size_t index,
                         std::size_t block);

/// Fills in the data blocks that are missing among `held` blocks by index, of which there are as
/// many as `data`. Returns all data blocks, each of `block` bytes.
std::vector<PacketBytes> recovered_blocks(const std::map<std::uint16_t, PacketBytes>& held,
                                          std::size_t data, std::size_t block);

}  // namespace tcs

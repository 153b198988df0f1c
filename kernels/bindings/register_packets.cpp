// Packets. Python sees what became of one as a read-only object.
#include <pybind11/stl.h>

#include <utility>

#include "common.hpp"
#include "tcs/packets.hpp"

namespace tcs::python {
namespace {

// In the order of PacketFate.
constexpr const char* kFates[] = {"whole", "added", "duplicate", "late", "mixed"};

const char* fate_name(const Joined& joined) {
    return kFates[static_cast<std::size_t>(joined.fate)];
}

std::size_t count(long long value, const char* name) {
    return static_cast<std::size_t>(require_range(value, 0, 1LL << 40, name));
}

py::list split(const py::object& message, long long payload, long long parity,
               const py::object& preview) {
    const ByteView bytes(message, "message");
    const ByteView first(preview, "preview");
    const std::size_t room = count(payload, "payload"), more = count(parity, "parity");
    std::vector<PacketBytes> packets;
    {
        const py::gil_scoped_release unlocked;
        packets = split_message(bytes.data(), bytes.size(), room, more, first.data(), first.size());
    }
    py::list out;
    for (const PacketBytes& packet : packets)
        out.append(to_bytes(packet));
    return out;
}

py::tuple read_header(const py::object& packet) {
    const ByteView bytes(packet, "packet");
    const PacketHeader header = read_packet_header(bytes.data(), bytes.size());
    return py::make_tuple(header.number, header.data, header.index, header.size);
}

Joined add(Joiner& joiner, const py::object& packet, const py::bytes& sender) {
    const ByteView bytes(packet, "packet");
    return joiner.add(bytes.data(), bytes.size(), sender);
}

}  // namespace

void register_packets(py::module_& module) {
    py::class_<Joined>(module, "JoinedPacket")
        .def_property_readonly("fate", &fate_name)
        .def_property_readonly("number", [](const Joined& joined) { return joined.header.number; })
        .def_property_readonly("data", [](const Joined& joined) { return joined.header.data; })
        .def_property_readonly("index", [](const Joined& joined) { return joined.header.index; })
        .def_readonly("held", &Joined::held)
        .def_readonly("missing", &Joined::missing)
        .def_property_readonly("message",
                               [](const Joined& joined) { return to_bytes(joined.message); })
        .def_property_readonly("preview",
                               [](const Joined& joined) { return to_bytes(joined.preview); });
    py::class_<Joiner>(module, "PacketJoiner")
        .def(py::init([](long long messages, long long bytes) {
                 return Joiner({count(messages, "messages"), count(bytes, "bytes")});
             }),
             py::kw_only(), py::arg("messages"), py::arg("bytes"))
        .def("add", &add, py::arg("packet"), py::arg("sender"))
        .def_property_readonly("messages", &Joiner::messages)
        .def_property_readonly("bytes", &Joiner::bytes);
    module.def("split_message", &split, py::arg("message"), py::arg("payload"), py::arg("parity"),
               py::arg("preview"));
    module.def("read_packet_header", &read_header, py::arg("packet"));
    module.def(
        "cut_message",
        [](long long size, long long payload, long long parity, long long first) {
            const Cut cut = cut_message(count(size, "size"), count(payload, "payload"),
                                        count(parity, "parity"), count(first, "first"));
            return py::make_tuple(cut.data, cut.block);
        },
        py::arg("size"), py::arg("payload"), py::arg("parity"), py::arg("first") = 0);
    module.def(
        "packet_header_size",
        [](long long data, long long parity) {
            return packet_header_size(count(data, "data"), count(parity, "parity"));
        },
        py::arg("data"), py::arg("parity"));
    module.def(
        "parity_of_share",
        [](long long data, double share) { return parity_of_share(count(data, "data"), share); },
        py::arg("data"), py::arg("share"));
    module.def(
        "parity_for_delivery",
        [](long long data, double delivery, double loss) {
            return parity_for_delivery(count(data, "data"), delivery, loss);
        },
        py::arg("data"), py::arg("delivery"), py::arg("loss"));
}

}  // namespace tcs::python

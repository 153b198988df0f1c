// Links of docs/use/links.md and the bytes that a packet of each carries.
export const LINKS = [
  { name: "LoRaWAN EU868, DR0 to DR2", payload: 51, cost: "2.8 s of air a packet at SF12" },
  { name: "LoRaWAN EU868, DR3", payload: 115, cost: "0.68 s of air a packet" },
  { name: "LoRaWAN EU868, DR4 on", payload: 222, cost: "0.66 s of air a packet, DR5 0.37 s" },
  { name: "Meshtastic", payload: 233, cost: "2 s of air a packet, shared" },
  { name: "raw LoRa", payload: 255, cost: "what the band allows" },
  { name: "Iridium SBD, up", payload: 340, cost: "by started 50 bytes" },
  { name: "SMS", payload: 140, cost: "by the message" },
  { name: "CoAP blocks", payload: 1024, cost: "by the kilobyte" },
];

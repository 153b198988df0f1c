// What the stream takes on each link, and packets that a person loses by hand.
import { Joiner, LINKS, packetsOf, split } from "./tcsdk/src/index.js";
import { at, make, row } from "./dom.js";

const DELIVERY = 0.99;
const MANY = "more than 128";

function parityAt(percent) {
  return percent === 0 ? 0 : { delivery: DELIVERY, loss: percent / 100 };
}

async function countsOf(size, { payload }, percent) {
  try {
    const { data, parity } = await packetsOf(size, payload, { parity: parityAt(percent) });
    return [data, parity];
  } catch (error) {
    if (error.name === "ArgumentError") return [MANY, "–"];
    throw error;
  }
}

export async function showLinks(stream) {
  const percent = Number(at("loss").value);
  at("loss-said").textContent = `${percent} %`;
  const rows = LINKS.map(async (link) => {
    const counts = await countsOf(stream.length, link, percent);
    return row(link.name, link.payload, ...counts, link.cost);
  });
  at("links").tBodies[0].replaceChildren(...(await Promise.all(rows)));
}

// Whether what is left gives the stream back, joined as a receiver would.
async function arrivedOf(packets, lost, stream) {
  const joiner = await Joiner.open();
  try {
    const joined = packets.filter((_, n) => !lost.has(n)).map((packet) => joiner.add(packet));
    const whole = joined.find((each) => each.stream);
    if (whole) return whole.stream.every((byte, n) => byte === stream[n]) ? "whole" : "another";
    const last = joined.at(-1);
    return last ? `${last.held} of the ${last.needed}` : "none of the";
  } finally {
    joiner.close();
  }
}

const SAID = {
  whole: (lost) => `The stream arrived whole, though ${lost} packets are lost.`,
  another: () => "Another stream arrived: please report this.",
};

export async function showPackets(stream) {
  const { payload } = LINKS[Number(at("link").value)];
  const parity = parityAt(Number(at("loss").value));
  const packets = await split(stream, payload, { parity }).catch(() => null);
  const group = at("packets");
  if (packets === null) {
    group.replaceChildren();
    at("arrived").textContent = `The stream does not fit ${MANY.slice(10)} packets of this link.`;
    return;
  }
  const lost = new Set();
  const tell = async () => {
    const outcome = await arrivedOf(packets, lost, stream);
    const short = `Not yet whole: ${outcome} packets that it takes came.`;
    at("arrived").textContent = SAID[outcome]?.(lost.size) ?? short;
  };
  group.replaceChildren(...packets.map((packet, n) => packetButton(packet, n, lost, tell)));
  await tell();
}

function packetButton(packet, n, lost, tell) {
  const size = make("small", {}, `${packet.length} bytes`);
  const button = make("button", { type: "button", "aria-pressed": "false" }, `No. ${n + 1}`, size);
  button.addEventListener("click", () => {
    if (!lost.delete(n)) lost.add(n);
    button.setAttribute("aria-pressed", String(lost.has(n)));
    tell();
  });
  return button;
}

/** Fills the list of links; the one of 222 bytes is chosen. */
export function listLinks() {
  const options = LINKS.map(({ name, payload }, n) => {
    const option = make("option", { value: n }, `${name}: ${payload} bytes`);
    option.selected = payload === 222;
    return option;
  });
  at("link").replaceChildren(...options);
}

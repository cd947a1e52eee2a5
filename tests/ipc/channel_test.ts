import assert from "node:assert/strict";
import { Channel, type ChannelLimits } from "../../src/ipc/channel.ts";
import { encodeFrame } from "../../src/ipc/framing.ts";
import { Pace } from "../../src/ipc/pace.ts";

const LIMITS: ChannelLimits = {
  maxFrameOctets: 1000,
  maxQueuedOctets: 100_000,
  stallMs: 10_000,
};

/** Both ends of a connection, one of them as a channel. */
async function withChannel(
  limits: Partial<ChannelLimits>,
  act: (channel: Channel, other: Deno.Conn) => Promise<void>,
): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [accepted, other] = await Promise.all([
    listener.accept(),
    Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
  ]);
  const channel = new Channel(accepted, { ...LIMITS, ...limits });
  try {
    await act(channel, other);
  } finally {
    channel.close("the test is over");
    other.close();
  }
}

/** More than the kernel takes of what nobody reads. */
const LARGE = { text: "x".repeat(60_000) };

Deno.test("an end that does not read is closed once too much waits, and nothing is kept of it", async () => {
  await withChannel({}, async (channel) => {
    for (let i = 0; i < 1000 && channel.open; i++) {
      channel.send(LARGE);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    assert.equal(await channel.ended, "it does not read");
  });
});

Deno.test("an end that stops reading is closed after a while, however little waits", async () => {
  await withChannel({ maxQueuedOctets: 100_000_000, stallMs: 100 }, async (channel) => {
    for (let i = 0; i < 200; i++) channel.send(LARGE);
    assert.equal(await channel.ended, "it does not read");
    await channel.drained();
  });
});

Deno.test("messages leave in order, and a caller that waits for them learns when all are gone", async () => {
  await withChannel({ maxQueuedOctets: 10_000_000 }, async (channel, other) => {
    for (let i = 0; i < 50; i++) channel.send({ i, text: "x".repeat(10_000) });
    let octets = 0;
    const buffer = new Uint8Array(65536);
    const whole = encodeFrame(JSON.stringify({ i: 10, text: "x".repeat(10_000) })).length * 50 - 10;
    while (octets < whole) octets += await other.read(buffer) ?? assert.fail("it ended");
    await channel.drained();
    assert.ok(channel.idle);
    assert.equal(octets, whole);
  });
});

Deno.test("what the reader throws ends the channel with the reason", async () => {
  await withChannel({}, async (channel, other) => {
    await other.write(encodeFrame("{}"));
    await channel.read(() => {
      throw new Error("no such message");
    });
    assert.equal(await channel.ended, "no such message");
  });
});

Deno.test("what is read at a pace leaves the process its time, however much comes", async () => {
  const pace = new Pace({ turnMs: 2, share: 0.1, restMs: 5 });
  await withChannel({ pace, maxFrameOctets: 70_000 }, async (channel, other) => {
    let workedMs = 0;
    const read = channel.read(() => {
      const beganMs = performance.now();
      while (performance.now() - beganMs < 1);
      workedMs += performance.now() - beganMs;
    });
    const flood = encodeFrame(JSON.stringify({ text: "x".repeat(1000) }));
    const beganMs = performance.now();
    const flooding = (async () => {
      while (channel.open) await other.write(flood).catch(() => {});
    })();
    while (workedMs < 30) await new Promise((resolve) => setTimeout(resolve, 5));
    const share = workedMs / (performance.now() - beganMs);
    channel.close("enough");
    await Promise.all([read, flooding]);
    assert.ok(share < 0.2, `${share} of the time`);
  });
});

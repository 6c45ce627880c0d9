/** The last minutes of one tunnel, as a graph shows them. */
export interface Sample {
  /** Milliseconds since the epoch. */
  time: number;
  /** Bytes a second to the database. */
  up: number;
  /** Bytes a second from it. */
  down: number;
  /** Of the data channel, in milliseconds; undefined while there is none. */
  roundTrip?: number;
}

export interface Counters {
  bytesUp: number;
  bytesDown: number;
  roundTripTimeMilliseconds?: number;
}

/** Two and a half minutes at two samples a second. */
export const mostSamples = 300;

/** Samples of counters that only grow; the oldest go. */
export class History {
  private readonly kept: Sample[] = [];
  private last: { time: number; counters: Counters } | undefined;

  get samples(): readonly Sample[] {
    return this.kept;
  }

  /** @returns the sample since the one before; undefined for the first */
  add(time: number, counters: Counters): Sample | undefined {
    const before = this.last;
    this.last = { time, counters };
    if (before === undefined || time <= before.time) return undefined;
    const seconds = (time - before.time) / 1_000;
    // A tunnel that was restarted counts from zero again.
    const rate = (now: number, then: number): number => Math.max(0, now - then) / seconds;
    const roundTrip = counters.roundTripTimeMilliseconds;
    const sample: Sample = {
      time,
      up: rate(counters.bytesUp, before.counters.bytesUp),
      down: rate(counters.bytesDown, before.counters.bytesDown),
      ...(roundTrip === undefined ? {} : { roundTrip }),
    };
    this.kept.push(sample);
    if (this.kept.length > mostSamples) this.kept.shift();
    return sample;
  }
}

const firstMs = 500;
const longestMs = 30_000;

/** How long a sidecar has to live for its end to count as the first again. */
const healthyMs = 60_000;

/** How long to wait before the next start of something that keeps ending. */
export class Backoff {
  private failures = 0;

  /** It has ended before, not long ago. */
  get isRepeated(): boolean {
    return this.failures > 1;
  }

  /** @param livedMs how long it lived */
  nextMs(livedMs: number): number {
    this.failures = livedMs >= healthyMs ? 0 : this.failures + 1;
    return this.failures === 0 ? firstMs : Math.min(longestMs, firstMs * 2 ** (this.failures - 1));
  }
}

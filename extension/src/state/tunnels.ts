import type { OpenTunnelParams, Statistics, Tunnel } from '../sidecar/contract';

/** Bytes a second, from the last two statistics. */
export interface Rate {
  up: number;
  down: number;
}

interface Known {
  tunnel: Tunnel;
  request: OpenTunnelParams | undefined;
  rate: Rate;
  measuredAt: number;
}

const noRate: Rate = { up: 0, down: 0 };

/** Counters that change are told four times a second: whoever has been silent for longer carries nothing. */
const silentAfterMs = 1_000;

/**
 * The tunnels of this window, as the sidecar tells of them. Views read it; nothing else writes it
 * than notifications and the opening commands.
 */
export class TunnelStore {
  private readonly known = new Map<string, Known>();
  private readonly listeners = new Set<() => void>();
  /** Ports of tunnels that were closed, and not opened again. */
  private readonly closed = new Set<number>();
  private settling: NodeJS.Timeout | undefined;

  constructor(private readonly now: () => number = Date.now) {}

  /** Ordered by local port. */
  get all(): Tunnel[] {
    return [...this.known.values()].map(({ tunnel }) => tunnel).sort((a, b) => a.localPort - b.localPort);
  }

  find(id: string): Tunnel | undefined {
    return this.known.get(id)?.tunnel;
  }

  /** How it was asked for. */
  requestOf(id: string): OpenTunnelParams | undefined {
    return this.known.get(id)?.request;
  }

  /** Whether the tunnel that was there last was closed. */
  wasClosed(localPort: number): boolean {
    return this.closed.has(localPort);
  }

  rateOf(id: string): Rate {
    const known = this.known.get(id);
    return known === undefined || this.now() - known.measuredAt > silentAfterMs ? noRate : known.rate;
  }

  /** What brings all of them back, on the ports that they have. */
  get requests(): OpenTunnelParams[] {
    return [...this.known.values()].flatMap(({ tunnel, request }) =>
      request === undefined ? [] : [{ ...request, localPort: tunnel.localPort, openNow: false }],
    );
  }

  /** @returns stops listening */
  onChanged(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  /** A tunnel is open, and this is how it was asked for. */
  opened(tunnel: Tunnel, request: OpenTunnelParams): void {
    const before = this.known.get(tunnel.id);
    this.closed.delete(tunnel.localPort);
    this.known.set(tunnel.id, {
      tunnel: before?.tunnel ?? tunnel,
      request,
      rate: before?.rate ?? noRate,
      measuredAt: before?.measuredAt ?? this.now(),
    });
    this.changed();
  }

  stateChanged(tunnel: Tunnel): void {
    if (tunnel.state === 'Closed') {
      this.known.delete(tunnel.id);
      this.closed.add(tunnel.localPort);
    } else {
      const before = this.known.get(tunnel.id);
      this.known.set(tunnel.id, {
        tunnel,
        request: before?.request,
        rate: before?.rate ?? noRate,
        measuredAt: before?.measuredAt ?? this.now(),
      });
    }
    this.changed();
  }

  statistics(id: string, statistics: Statistics): void {
    const before = this.known.get(id);
    if (before === undefined) return;
    const seconds = Math.max(0.001, (this.now() - before.measuredAt) / 1_000);
    // They begin anew when another window's sidecar takes the tunnel over.
    const rate = {
      up: Math.max(0, statistics.bytesUp - before.tunnel.statistics.bytesUp) / seconds,
      down: Math.max(0, statistics.bytesDown - before.tunnel.statistics.bytesDown) / seconds,
    };
    this.known.set(id, { ...before, tunnel: { ...before.tunnel, statistics }, rate, measuredAt: this.now() });
    this.changed();
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      this.changed();
    }, silentAfterMs + 1).unref();
  }

  /** The sidecar is gone, and all of them with it. */
  clear(): void {
    this.known.clear();
    this.changed();
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}

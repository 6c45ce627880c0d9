// The page of one tunnel: it shows what it is told, and asks for nothing.
import { mostSamples, type Sample } from '../src/state/history';
import { bytes } from '../src/state/summary';
import { Graph } from './graph';

/** What the extension sends: all values to show, by the id of their element, and what was measured. */
interface Update {
  values: Record<string, string>;
  samples: readonly Sample[];
  isWhole: boolean;
}

declare function acquireVsCodeApi(): { postMessage: (message: unknown) => void };

function graph(id: string, format: (value: number) => string): Graph {
  const [svg, scale] = [document.getElementById(id), document.getElementById(`${id}-scale`)];
  if (!(svg instanceof SVGSVGElement) || scale === null) throw new Error(`There is no graph ${id}.`);
  return new Graph(svg, scale, format);
}

const throughput = graph('throughput', value => `${bytes(value)}/s`);
const latency = graph('latency', value => `${value} ms`);
let samples: Sample[] = [];

addEventListener('message', ({ data }: MessageEvent<Update>) => {
  for (const [id, text] of Object.entries(data.values)) {
    const element = document.getElementById(id);
    if (element !== null && element.textContent !== text) element.textContent = text;
  }
  samples = [...(data.isWhole ? [] : samples), ...data.samples].slice(-mostSamples);
  throughput.draw(
    [
      { name: 'up', values: samples.map(({ up }) => up) },
      { name: 'down', values: samples.map(({ down }) => down) },
    ],
    mostSamples,
  );
  latency.draw([{ name: 'roundTrip', values: samples.map(({ roundTrip }) => roundTrip) }], mostSamples);
});

acquireVsCodeApi().postMessage('ready');

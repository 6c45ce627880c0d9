const width = 600;
const height = 120;
const svgNamespace = 'http://www.w3.org/2000/svg';

/** A curve to draw; undefined where there is nothing. */
export interface Curve {
  name: string;
  values: readonly (number | undefined)[];
}

/** Curves over the same time, in an SVG that keeps its elements: nothing flickers when numbers change. */
export class Graph {
  private readonly paths = new Map<string, SVGPathElement>();

  /**
   * @param element an empty `<svg>`
   * @param scale where the value of its upper edge is written
   */
  constructor(
    private readonly element: SVGSVGElement,
    private readonly scale: HTMLElement,
    private readonly format: (value: number) => string,
  ) {
    element.setAttribute('viewBox', `0 0 ${width} ${height}`);
    element.setAttribute('preserveAspectRatio', 'none');
  }

  /** @param capacity how many values the whole width has room for */
  draw(curves: readonly Curve[], capacity: number): void {
    const top = niceTop(Math.max(0, ...curves.flatMap(({ values }) => values.map(value => value ?? 0))));
    this.scale.textContent = this.format(top);
    for (const { name, values } of curves) {
      const offset = capacity - values.length;
      const points = values.map((value, index) =>
        value === undefined
          ? undefined
          : `${(((offset + index) / (capacity - 1)) * width).toFixed(1)} ${(height - (value / top) * (height - 4)).toFixed(1)}`,
      );
      this.path(name).setAttribute(
        'd',
        points
          .map((point, index) => (point === undefined ? '' : `${index === 0 || points[index - 1] === undefined ? 'M' : 'L'}${point}`))
          .join(''),
      );
    }
  }

  private path(name: string): SVGPathElement {
    const known = this.paths.get(name);
    if (known !== undefined) return known;
    const path = document.createElementNS(svgNamespace, 'path');
    path.setAttribute('class', name);
    this.paths.set(name, path);
    this.element.append(path);
    return path;
  }
}

/** 1, 2 or 5 times a power of ten: a scale that does not jump at each value. */
export function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 5, 10].map(step => step * power).find(step => step >= value) ?? 10 * power;
}

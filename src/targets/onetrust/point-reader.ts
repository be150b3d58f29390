import { type CollectionPoint, readCollectionPoint } from './collection-point.js';

/** So many tokens are remembered at a time; a file of one customer holds a handful. */
const MOST_REMEMBERED = 1000;

/** Makes a reader of collection point tokens that decodes each one once. */
export function createPointReader(): (token: string) => CollectionPoint | undefined {
  const points = new Map<string, CollectionPoint | undefined>();
  return (token) => {
    const known = points.get(token);
    if (known !== undefined || points.has(token)) return known;
    if (points.size >= MOST_REMEMBERED) points.clear();
    const point = readCollectionPoint(token);
    points.set(token, point);
    return point;
  };
}

/** The routes that a fault rule can name. `other`: reads, and paths that no such API has. */
export const ROUTES = ['sessions', 'events', 'other'] as const;

export type Route = (typeof ROUTES)[number];

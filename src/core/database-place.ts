/** Where the database is, as DATABASE_URL says. */
export type DatabasePlace = { kind: 'sqlite'; file: string } | { kind: 'postgres'; url: string };

const SQLITE = 'sqlite:';

/** What a DATABASE_URL looks like. */
export const DATABASE_URL = /^(?:sqlite:|postgres(?:ql)?:\/\/)./;

export const parsePlace = (url: string): DatabasePlace =>
  url.startsWith(SQLITE)
    ? { kind: 'sqlite', file: url.slice(SQLITE.length) }
    : { kind: 'postgres', url };

/** The name of a database for people and logs: without user, password and options. */
export function namePlace(place: DatabasePlace): string {
  if (place.kind === 'sqlite') return place.file;
  try {
    const { host, pathname } = new URL(place.url);
    return `postgres://${host}${pathname}`;
  } catch {
    // No part of it is certain not to be of the password.
    return 'postgres://…';
  }
}

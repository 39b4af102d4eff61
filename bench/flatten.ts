/** Prepares nested figures for tables. */

type Value = number | string | boolean;

/** Figures within figures are named by their path; numbers are rounded to four digits. */
export function flatten(figures: object, path = ''): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(figures).flatMap(([name, value]): [string, Value][] => {
      if (typeof value === 'object' && value !== null) {
        return Object.entries(flatten(value, `${path}${name}.`));
      }
      return [[`${path}${name}`, typeof value === 'number' ? Number(value.toPrecision(4)) : value]];
    }),
  );
}

/** Takes the lists out of some figures: each becomes a table of its own. */
export function separateLists(figures: object): { lists: [string, object[]][]; rest: object } {
  const entries = Object.entries(figures);
  return {
    lists: entries.filter((entry): entry is [string, object[]] => Array.isArray(entry[1])),
    rest: Object.fromEntries(entries.filter(([, value]) => !Array.isArray(value))),
  };
}

/** Each group of figures within a row becomes a row of its own, beside what the row says of all of them. */
export function expand(row: object): Record<string, Value>[] {
  const isGroup = ([, value]: [string, unknown]) => typeof value === 'object' && value !== null;
  const groups = Object.entries(row).filter(isGroup);
  const shared = Object.fromEntries(Object.entries(row).filter((entry) => !isGroup(entry)));
  if (groups.length === 0) return [flatten(row)];
  return groups.map(([name, figures]) => flatten({ ...shared, way: name, ...figures }));
}

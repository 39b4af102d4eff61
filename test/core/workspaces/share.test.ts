import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IDLE_LOAD } from '../../../src/core/workspaces/load.ts';
import { planGiving, planTaking } from '../../../src/core/workspaces/share.ts';

const teams = (count: number, load = IDLE_LOAD, name = 'T') =>
  new Map(Array.from({ length: count }, (_, at) => [`${name}${at}`, load]));

const first = (loads: ReadonlyMap<string, number>, count: number) =>
  [...loads.keys()].slice(0, count);

describe('idle workspaces', () => {
  const giving = (active: number, count: number, replicas: number) => {
    const loads = teams(active);
    return planGiving({ loads, owned: first(loads, count), replicas }).length;
  };
  const taking = (active: number, count: number, replicas: number) => {
    const loads = teams(active);
    const free = [...loads.keys()].slice(count);
    return planTaking({ loads, owned: first(loads, count), free, replicas }).length;
  };

  test('are all taken by one replica', () => {
    expect(taking(1_000, 0, 1)).toBe(1_000);
    expect(taking(0, 0, 1)).toBe(0);
  });

  test('are spread evenly: a second replica gets its half, and the first one gives it', () => {
    expect(giving(1_000, 1_000, 2)).toBe(500);
    expect(taking(1_000, 0, 2)).toBe(500);
    expect(taking(7, 0, 2)).toBe(4);
  });

  test('are kept when they are only a little too much', () => {
    expect(giving(100, 55, 2)).toBe(0);
    expect(giving(100, 56, 2)).toBe(6);
    expect(giving(1, 1, 2)).toBe(0);
    expect(giving(2, 2, 2)).toBe(0);
  });

  test('are taken by a replica that does not know how many there are', () => {
    expect(taking(10, 3, 0)).toBe(7);
  });
});

describe('busy workspaces', () => {
  test('a huge one stays where it is, and the others go elsewhere', () => {
    const loads = new Map([...teams(5), ['B', 100_000]]);
    expect(planGiving({ loads, owned: [...loads.keys()], replicas: 2 })).toEqual(
      first(loads, 5).reverse(),
    );
    expect(planTaking({ loads, owned: [], free: first(loads, 5), replicas: 2 })).toHaveLength(5);
    expect(planTaking({ loads, owned: ['B'], free: first(loads, 5), replicas: 2 })).toEqual([]);
  });

  test('a huge one that is started again is taken by the replica that has nothing else', () => {
    const loads = new Map([...teams(5), ['B', 100_000]]);
    const plan = { loads, free: ['B'], replicas: 2 };
    expect(planTaking({ ...plan, owned: first(loads, 5) })).toEqual([]);
    expect(planTaking({ ...plan, owned: [] })).toEqual(['B']);
  });

  test('two that are huge part', () => {
    const loads = new Map([...teams(2, 100_000, 'B'), ...teams(10)]);
    expect(planGiving({ loads, owned: ['B0', 'B1'], replicas: 3 })).toEqual(['B1']);
    const less = planTaking({ loads, owned: first(teams(10), 5), free: ['B1'], replicas: 3 });
    expect(less).toEqual(['B1']);
  });

  test('one is moved rather than many idle ones', () => {
    const loads = new Map([...teams(3, 1_000, 'B'), ...teams(20)]);
    const owned = ['B0', 'B1', ...teams(20).keys()];
    expect(planGiving({ loads, owned, replicas: 2 })).toEqual([
      'B1',
      'T19',
      'T18',
      'T17',
      'T16',
      'T15',
    ]);
  });

  test('one is moved though it is more than what is too much, if both replicas are better off', () => {
    const loads = new Map([...teams(2, 1_000, 'B'), ...teams(4)]);
    const all = { loads, replicas: 2 };
    expect(planGiving({ ...all, owned: ['B0', 'B1'] })).toEqual(['B1']);
    expect(planTaking({ ...all, owned: ['B0'], free: ['B1'] })).toEqual([]);
    expect(planTaking({ ...all, owned: first(teams(4), 4), free: ['B1'] })).toEqual(['B1']);
    // It would only be the other way round.
    const even = new Map([...teams(2, 1_000, 'B'), ...teams(9)]);
    expect(planGiving({ loads: even, owned: ['B0', 'B1'], replicas: 2 })).toEqual([]);
  });
});

interface Replica {
  owned: Set<string>;
  /** What it gives back, and still works for. */
  leaving: Set<string>;
}

interface Round {
  /** Which of them acts first. */
  begins: number;
  /** All of them have looked before the first one acts. */
  atOnce: boolean;
  /** What is given back can be taken before the next round. */
  releases: boolean;
}

/** Replicas that act in rounds. */
class Replicas {
  private readonly loads = new Map<string, number>();
  private readonly free = new Set<string>();
  private readonly replicas: Replica[] = [];

  join() {
    this.replicas.push({ owned: new Set(), leaving: new Set() });
  }

  die(which: number) {
    if (this.replicas.length < 2) return;
    const [dead] = this.replicas.splice(which % this.replicas.length, 1);
    for (const team of dead?.owned ?? []) this.free.add(team);
  }

  setLoads(loads: readonly number[]) {
    for (const [at, load] of loads.entries()) {
      if (!this.loads.has(`T${at}`)) this.free.add(`T${at}`);
      this.loads.set(`T${at}`, load);
    }
  }

  /** @returns whether it may go on: something has changed, or is about to */
  round({ begins, atOnce, releases }: Round): boolean {
    const seen = [...this.free];
    const isLeaving = this.replicas.some(({ leaving }) => leaving.size > 0);
    const acted = this.replicas.map((_, at) => {
      const replica = this.replicas[(at + begins) % this.replicas.length];
      return replica && (this.take(replica, atOnce ? seen : [...this.free]) || this.give(replica));
    });
    if (releases) for (const replica of this.replicas) this.release(replica);
    return isLeaving || acted.includes(true);
  }

  /** As `createClaim` does it. */
  private take({ owned, leaving }: Replica, seen: readonly string[]): boolean {
    const { loads } = this;
    const before = owned.size;
    for (let free = seen; ; ) {
      const has = [...owned, ...leaving];
      const wanted = planTaking({ loads, owned: has, free, replicas: this.replicas.length });
      if (wanted.length === 0) return owned.size > before;
      for (const team of wanted) if (this.free.delete(team)) owned.add(team);
      free = free.filter((team) => !wanted.includes(team));
    }
  }

  private give({ owned, leaving }: Replica): boolean {
    const { loads, replicas } = this;
    const given = planGiving({ loads, owned: [...owned], replicas: replicas.length });
    for (const team of given) {
      owned.delete(team);
      leaving.add(team);
    }
    return given.length > 0;
  }

  private release({ leaving }: Replica) {
    for (const team of leaving) this.free.add(team);
    leaving.clear();
  }

  expectNoneFree() {
    expect(this.free).toEqual(new Set());
  }

  expectOwned() {
    expect(sum(this.replicas.map(({ owned }) => owned.size))).toBe(this.loads.size);
  }

  /** Each replica has its share or one huge workspace, and little more; or what is more cannot be divided. */
  expectBalance() {
    const { replicas } = this;
    const sorted = descending([...this.loads.values()]);
    const share = Math.min(
      ...replicas.map((_, huge) => sum(sorted.slice(huge)) / (replicas.length - huge)),
    );
    for (const { owned } of replicas) {
      const [largest = 0, ...others] = descending(
        [...owned].map((team) => this.loads.get(team) ?? 0),
      );
      const excess = largest + sum(others) - Math.max(share, largest);
      const coarse = Math.min(others.at(-1) ?? 0, share);
      expect(excess).toBeLessThanOrEqual(Math.max(IDLE_LOAD, share / 10, coarse));
    }
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);
const descending = (numbers: readonly number[]) => [...numbers].sort((a, b) => b - a);

const ROUND = fc.record({ begins: fc.nat(9), atOnce: fc.boolean(), releases: fc.boolean() });

/** Most workspaces are idle, some are busy, and a few very much. */
const LOAD = fc.oneof(
  fc.constant(IDLE_LOAD),
  fc.integer({ min: IDLE_LOAD, max: 20 * IDLE_LOAD }),
  fc.integer({ min: IDLE_LOAD, max: 1_000 * IDLE_LOAD }),
);

const EVENT = fc.oneof(
  fc.record({ kind: fc.constant('join' as const) }),
  fc.record({ kind: fc.constant('die' as const), which: fc.nat(9) }),
  fc.record({ kind: fc.constant('loads' as const), loads: fc.array(LOAD, { maxLength: 40 }) }),
);

/** More than were ever needed. */
const ROUNDS = 40;

function settle(replicas: Replicas, rounds: Iterator<Round>) {
  let left = ROUNDS;
  while (replicas.round(rounds.next().value)) expect(--left).toBeGreaterThan(0);
}

describe('replicas that act by turns or at once', () => {
  test('own everything soon, have about the same load, and then rest', () => {
    const events = fc.array(EVENT, { maxLength: 12 });
    fc.assert(
      fc.property(events, fc.infiniteStream(ROUND), (happens, rounds) => {
        const replicas = new Replicas();
        replicas.join();
        for (const event of happens) {
          if (event.kind === 'join') replicas.join();
          else if (event.kind === 'die') replicas.die(event.which);
          else replicas.setLoads(event.loads);
          settle(replicas, rounds);
          replicas.expectOwned();
          replicas.expectBalance();
          for (const _ of [1, 2, 3]) expect(replicas.round(rounds.next().value)).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['idle', fc.constant(IDLE_LOAD), 1],
    ['any', LOAD, 2],
  ])('take over %s workspaces of one that has died at once', (_, load, most) => {
    const scene = [fc.array(load, { maxLength: 40 }), fc.integer({ min: 2, max: 6 })] as const;
    fc.assert(
      fc.property(...scene, fc.infiniteStream(ROUND), (loads, count, rounds) => {
        const replicas = new Replicas();
        for (let n = 0; n < count; n++) replicas.join();
        replicas.setLoads(loads);
        settle(replicas, rounds);
        replicas.die(count);
        for (let n = 0; n < most; n++) replicas.round({ ...rounds.next().value, releases: false });
        replicas.expectNoneFree();
      }),
      { numRuns: 300 },
    );
  });
});

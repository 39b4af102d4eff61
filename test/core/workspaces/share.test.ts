import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planShare } from '../../../src/core/workspaces/share.ts';

test('one replica takes everything', () => {
  expect(planShare({ active: 1_000, owned: 0, replicas: 1 })).toBe(1_000);
  expect(planShare({ active: 0, owned: 0, replicas: 1 })).toBe(0);
});

test('a second one gets its half, and the first one gives it', () => {
  expect(planShare({ active: 1_000, owned: 1_000, replicas: 2 })).toBe(-500);
  expect(planShare({ active: 1_000, owned: 0, replicas: 2 })).toBe(500);
});

test('a little too much is kept', () => {
  expect(planShare({ active: 100, owned: 55, replicas: 2 })).toBe(0);
  expect(planShare({ active: 100, owned: 56, replicas: 2 })).toBe(-6);
  expect(planShare({ active: 1, owned: 1, replicas: 2 })).toBe(0);
});

test('a replica that does not know how many there are works alone', () => {
  expect(planShare({ active: 10, owned: 3, replicas: 0 })).toBe(7);
});

test('whatever they have at first, replicas that act by turns leave nothing over, and then rest', () => {
  const beginnings = fc.array(fc.nat(60), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(beginnings, fc.nat(200), (owns, free) => {
      const owned = [...owns];
      let left = free;
      const active = owned.reduce((sum, n) => sum + n, free);
      const turn = () =>
        owned.map((own, at) => {
          const change = planShare({ active, owned: own, replicas: owned.length });
          const moved = Math.min(change, left);
          owned[at] = own + moved;
          left -= moved;
          return moved;
        });
      for (let rounds = 0; rounds < 4; rounds++) turn();
      expect(left).toBe(0);
      expect(turn().every((moved) => moved === 0)).toBe(true);
      const share = Math.ceil(active / owned.length);
      expect(Math.max(...owned)).toBeLessThanOrEqual(share + Math.max(1, share / 10));
    }),
  );
});

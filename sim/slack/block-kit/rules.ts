// Combinators for the rules of Block Kit. Each rule reports what is wrong with a value under a JSON
// pointer, in Slack's own words where they are known.
import { isObject, type JsonObject } from '../types.ts';

export interface Check {
  readonly surface: 'message' | 'modal' | 'home';
  readonly problems: string[];
  /** How many blocks of each type have been seen. */
  readonly counts: Map<string, number>;
  readonly blockIds: Set<string>;
  readonly refused: ReadonlySet<string>;
}

export type Rule = (value: unknown, path: string, check: Check) => void;

export function report(check: Check, path: string, problem: string): void {
  check.problems.push(`${problem} [json-pointer:${path}]`);
}

export function text(
  limits: { min?: number; max?: number; oneOf?: readonly string[]; pattern?: RegExp } = {},
): Rule {
  const { min = 0, max = Number.POSITIVE_INFINITY, oneOf, pattern } = limits;
  return (value, path, check) => {
    if (typeof value !== 'string') report(check, path, 'should be a string');
    else if (value.length < min) report(check, path, `must be more than ${min - 1} characters`);
    else if (value.length > max) report(check, path, `must be less than ${max + 1} characters`);
    else if ((oneOf && !oneOf.includes(value)) || (pattern && !pattern.test(value))) {
      report(check, path, 'unsupported value');
    }
  };
}

export const flag: Rule = (value, path, check) => {
  if (typeof value !== 'boolean') report(check, path, 'should be a boolean');
};

export function number(limits: { min?: number; max?: number; integer?: boolean } = {}): Rule {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, integer } = limits;
  return (value, path, check) => {
    if (typeof value !== 'number' || !Number.isFinite(value))
      report(check, path, 'should be a number');
    else if (integer && !Number.isInteger(value)) report(check, path, 'should be an integer');
    else if (value < min || value > max) report(check, path, `must be between ${min} and ${max}`);
  };
}

export function list(item: Rule, limits: { min?: number; max?: number } = {}): Rule {
  const { min = 0, max = Number.POSITIVE_INFINITY } = limits;
  return (value, path, check) => {
    if (!Array.isArray(value)) report(check, path, 'should be an array');
    else if (value.length < min) report(check, path, `no fewer than ${min} items allowed`);
    else if (value.length > max) report(check, path, `no more than ${max} items allowed`);
    else for (const [index, entry] of value.entries()) item(entry, `${path}/${index}`, check);
  };
}

/** An object with exactly these fields. `extra` checks the whole object. */
export function fields(
  required: Record<string, Rule>,
  optional: Record<string, Rule> = {},
  extra?: (value: JsonObject, path: string, check: Check) => void,
): Rule {
  return (value, path, check) => {
    if (!isObject(value)) {
      report(check, path, 'should be an object');
      return;
    }
    for (const [key, rule] of Object.entries(required)) {
      if (value[key] === undefined) report(check, path, `missing required field: ${key}`);
      else rule(value[key], `${path}/${key}`, check);
    }
    for (const [key, entry] of Object.entries(value)) {
      if (Object.hasOwn(required, key) || entry === undefined) continue;
      const rule = Object.hasOwn(optional, key) ? optional[key] : undefined;
      if (!rule) report(check, path, `invalid additional property: ${key}`);
      else rule(entry, `${path}/${key}`, check);
    }
    extra?.(value, path, check);
  };
}

/** One of several objects, distinguished by `type`; the rules need not list `type`. */
export function byType(rules: Record<string, Rule>, what = 'type'): Rule {
  return (value, path, check) => {
    if (!isObject(value)) {
      report(check, path, 'should be an object');
      return;
    }
    const { type, ...rest } = value;
    const rule = typeof type === 'string' && Object.hasOwn(rules, type) ? rules[type] : undefined;
    if (!rule) report(check, path, `unsupported ${what}: ${String(type)}`);
    else rule(rest, path, check);
  };
}

export function textObject(
  limits: { only?: 'plain_text' | 'mrkdwn'; max?: number; min?: number } = {},
): Rule {
  const { only, max = 3000, min = 1 } = limits;
  const plain = fields({ text: text({ min, max }) }, { emoji: flag });
  const mrkdwn = fields({ text: text({ min, max }) }, { verbatim: flag });
  return byType(
    {
      ...(only === 'mrkdwn' ? {} : { plain_text: plain }),
      ...(only === 'plain_text' ? {} : { mrkdwn }),
    },
    'text type',
  );
}

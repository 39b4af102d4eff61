import { styleText } from 'node:util';
import { count } from '../core/text.ts';
import type { Finding, Section } from './finding.ts';

/** What the doctor says, for people and for programs. */

const SIGNS: Record<Finding['state'], string> = {
  ok: styleText('green', '✓'),
  warning: styleText('yellow', '!'),
  fault: styleText('red', '✗'),
};

const WIDTH = 10;

/** The lines of one section; '' when it has nothing to say. */
export function renderSection({ name, findings }: Section): string {
  return findings
    .map(({ state, text, step }, index) => {
      const label = (index === 0 ? name : '').padEnd(WIDTH);
      const line = `${SIGNS[state]} ${label} ${text}`;
      return step ? `${line}\n${' '.repeat(WIDTH + 3)}→ ${step}` : line;
    })
    .join('\n');
}

export function renderVerdict(sections: Section[]): string {
  const findings = sections.flatMap((section) => section.findings);
  const faults = findings.filter(({ state }) => state === 'fault').length;
  const warnings = findings.filter(({ state }) => state === 'warning').length;
  if (faults > 0) return `${count(faults, 'thing')} to mend.`;
  if (warnings > 0) return `Winnow can work; ${count(warnings, 'thing')} to look at.`;
  return 'All is well.';
}

export const isWell = (sections: Section[]): boolean =>
  sections.every(({ findings }) => findings.every(({ state }) => state !== 'fault'));

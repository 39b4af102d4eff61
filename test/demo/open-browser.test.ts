import { expect, test } from 'vitest';
import { findOpener } from '../../demo/open-browser.ts';

test.each([
  ['a Mac', 'darwin', {}, ['open']],
  ['Windows', 'win32', {}, ['rundll32', 'url.dll,FileProtocolHandler']],
  ['X11', 'linux', { DISPLAY: ':0' }, ['xdg-open']],
  ['Wayland', 'linux', { WAYLAND_DISPLAY: 'wayland-0' }, ['xdg-open']],
  ['no desktop', 'linux', {}, undefined],
  ['another machine', 'linux', { DISPLAY: ':10', SSH_CONNECTION: '10.0.0.1 22' }, undefined],
  ['CI', 'darwin', { CI: 'true' }, undefined],
] as const)(
  'the browser opens only where a person can see it: %s',
  (_, platform, environment, opener) => {
    expect(findOpener(platform, environment)).toEqual(opener);
  },
);

import { describe, expect, test } from 'vitest';
import {
  findInstallationChange,
  findTeam,
  isAwaited,
} from '../../../src/core/workspaces/envelope.ts';

const event = (fields: object) => ({
  type: 'event_callback',
  event: { type: 'message' },
  ...fields,
});

describe('the workspace that an envelope is for', () => {
  test.each([
    ['an event', event({ team_id: 'T1' }), 'T1'],
    ['an event of an org', event({ team_id: 'T1', enterprise_id: 'E1' }), 'T1'],
    [
      'an event in a channel that is shared with another workspace',
      event({ team_id: 'T0OTHER', authorizations: [{ team_id: 'T1', is_bot: true }] }),
      'T1',
    ],
    [
      'an event whose authorization names no workspace',
      event({ team_id: 'T1', authorizations: [{ team_id: null, enterprise_id: 'E1' }] }),
      'T1',
    ],
    ['a command', { command: '/classify-feedback', team_id: 'T1', user_id: 'U1' }, 'T1'],
    ['a click', { type: 'block_actions', team: { id: 'T1' }, user: { id: 'U1' } }, 'T1'],
    [
      'a click of a person of an org, whose workspace is known only by them',
      { type: 'block_actions', team: null, user: { id: 'U1', team_id: 'T1' } },
      'T1',
    ],
    [
      'a modal that was opened in a shared channel from elsewhere',
      {
        type: 'view_submission',
        team: { id: 'T0OTHER' },
        user: { id: 'U1', team_id: 'T0OTHER' },
        view: { app_installed_team_id: 'T1' },
      },
      'T1',
    ],
    [
      'a modal of an org, which has the app as a whole',
      {
        type: 'view_submission',
        team: { id: 'T1' },
        user: { id: 'U1', team_id: 'T1' },
        view: { app_installed_team_id: 'E1' },
      },
      'T1',
    ],
    [
      'a modal',
      { type: 'view_submission', team: { id: 'T1' }, user: { id: 'U1' }, view: { id: 'V1' } },
      'T1',
    ],
    ['nothing that is known', { type: 'unheard_of' }, undefined],
    ['nothing', null, undefined],
  ])('%s', (_, body, team) => {
    expect(findTeam(body)).toBe(team);
  });
});

test('somebody waits for the answer to everything but an event', () => {
  expect(isAwaited(event({ team_id: 'T1' }))).toBe(false);
  expect(isAwaited({ command: '/classify-feedback', team_id: 'T1' })).toBe(true);
  expect(isAwaited({ type: 'view_submission', team: { id: 'T1' }, user: {} })).toBe(true);
});

describe('what an event says of an installation', () => {
  const of = (inner: object, outer: object = { team_id: 'T1' }) =>
    findInstallationChange(event({ ...outer, event_time: 100, event: inner }));

  test('nothing, most of the time', () => {
    expect(of({ type: 'message' })).toBeUndefined();
    expect(findInstallationChange({ command: '/x', team_id: 'T1' })).toBeUndefined();
  });

  test('the app was uninstalled, or its token revoked', () => {
    expect(of({ type: 'app_uninstalled' })).toEqual({
      ...{ kind: 'ended', installation: 'T1', why: 'app_uninstalled', at: 100_999 },
    });
    expect(of({ type: 'tokens_revoked', tokens: { oauth: [], bot: ['U1'] } })).toMatchObject({
      ...{ kind: 'ended', installation: 'T1', why: 'tokens_revoked' },
    });
  });

  test('a token of a person is none of the bot', () => {
    expect(of({ type: 'tokens_revoked', tokens: { oauth: ['U1'], bot: [] } })).toBeUndefined();
    expect(of({ type: 'tokens_revoked', tokens: { oauth: ['U1'] } })).toBeUndefined();
  });

  test('an org-wide installation is the org’s', () => {
    const org = { team_id: 'T1', enterprise_id: 'E1' };
    expect(of({ type: 'app_uninstalled' }, { ...org, is_enterprise_install: true })).toMatchObject({
      installation: 'E1',
    });
    const authorized = { ...org, authorizations: [{ is_enterprise_install: true }] };
    expect(of({ type: 'app_uninstalled' }, authorized)).toMatchObject({ installation: 'E1' });
    expect(of({ type: 'app_uninstalled' }, org)).toMatchObject({ installation: 'T1' });
  });

  test('an org has added the app to workspaces, or has taken it out', () => {
    const org = { team_id: null, enterprise_id: 'E1', is_enterprise_install: true };
    expect(of({ type: 'team_access_granted', team_ids: ['T1', 'T2'] }, org)).toEqual({
      ...{ kind: 'granted', installation: 'E1', teams: ['T1', 'T2'], at: 100_999 },
    });
    expect(of({ type: 'team_access_revoked', team_ids: ['T2'] }, org)).toMatchObject({
      ...{ kind: 'revoked', teams: ['T2'] },
    });
  });

  test('what an org has changed is of the org, whichever workspace the event names beside it', () => {
    const granted = { type: 'team_access_granted', team_ids: ['T1'] };
    // So documented: docs.slack.dev/reference/events/team_access_granted
    const authorization = { enterprise_id: 'E1', team_id: 'T9', is_enterprise_install: false };
    const documented = { team_id: 'T9', authorizations: [authorization] };
    expect(of(granted, documented)).toMatchObject({ installation: 'E1' });
    const both = { team_id: 'T9', enterprise_id: 'E1', authorizations: [authorization] };
    expect(of(granted, both)).toMatchObject({ installation: 'E1' });
    expect(of(granted, { team_id: 'T9' })).toBeUndefined();
  });
});

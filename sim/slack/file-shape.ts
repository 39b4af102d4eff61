// What Slack says of every file in a message, beside what its poster says of it.
import type { JsonObject } from './types.ts';
import type { Workspace } from './workspace.ts';

/** By the ending of a name: MIME type and what Slack calls it. */
const KINDS: Record<string, [mimetype: string, pretty: string]> = {
  png: ['image/png', 'PNG'],
  jpg: ['image/jpeg', 'JPEG'],
  gif: ['image/gif', 'GIF'],
  pdf: ['application/pdf', 'PDF'],
  csv: ['text/csv', 'CSV'],
  json: ['application/json', 'JSON'],
  text: ['text/plain', 'Plain Text'],
  txt: ['text/plain', 'Plain Text'],
  email: ['text/html', 'Email'],
  m4a: ['audio/mp4', 'M4A'],
  mp4: ['video/mp4', 'MPEG 4 Video'],
  webm: ['video/webm', 'WebM'],
};

/** Fills in what a post leaves out of its file. */
export function completeFile(
  world: Workspace,
  file: JsonObject,
  user: string | undefined,
): JsonObject {
  const { id, name = null } = file;
  const ending = /\.(\w+)$/.exec(String(name))?.[1]?.toLowerCase() ?? 'binary';
  const filetype = String(file.filetype ?? ending);
  const [mimetype, pretty] = KINDS[filetype] ?? ['application/octet-stream', 'Binary'];
  const place = `https://files.slack.com/files-pri/${world.teamId}-${id}`;
  const created = Math.floor(world.now() / 1000);
  return {
    created,
    timestamp: created,
    name,
    title: name,
    mimetype,
    filetype,
    pretty_type: pretty,
    ...(user === undefined ? {} : { user }),
    user_team: world.teamId,
    editable: false,
    size: 1000,
    mode: 'hosted',
    is_external: false,
    external_type: '',
    is_public: true,
    public_url_shared: false,
    display_as_bot: false,
    username: '',
    url_private: place,
    url_private_download: `${place}/download`,
    permalink: `https://${world.teamDomain}.slack.com/files/${user}/${id}`,
    has_rich_preview: false,
    file_access: 'visible',
    ...file,
  };
}

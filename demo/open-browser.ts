import { spawn } from 'node:child_process';

/** How this system opens an address; undefined when there is no desktop to open it on. */
export function findOpener(
  platform: NodeJS.Platform,
  environment: Record<string, string | undefined>,
): [command: string, ...args: string[]] | undefined {
  // Over ssh the browser would open on the remote machine; in CI nobody is there to see it.
  if (environment.SSH_CONNECTION || environment.CI) return undefined;
  switch (platform) {
    case 'darwin':
      return ['open'];
    case 'win32':
      return ['rundll32', 'url.dll,FileProtocolHandler'];
    default:
      return environment.DISPLAY || environment.WAYLAND_DISPLAY ? ['xdg-open'] : undefined;
  }
}

/** Opens an address in the person's browser, if there is one. Never fails: the address is printed too. */
export function openBrowser(url: string): void {
  const [command, ...args] = findOpener(process.platform, process.env) ?? [];
  if (!command) return;
  const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true });
  child.once('error', () => {});
  child.unref();
}

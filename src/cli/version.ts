/** `--version`: what this program is, for people and for whoever compares. */

/** What tells one program from another. */
export interface Version {
  /** Such as `0.1.0`. */
  readonly version: string
  /** As `runtimeName` has it. */
  readonly runtime: string
  /** Such as `linux-x64`. */
  readonly platform: string
  /** The digest of the code, or empty when it is not known. */
  readonly code: string
}

/** Three lines: the version, the runtime, and SHA-256 of the code as 64 hex digits. */
export function versionText({ version, runtime, platform, code }: Version): string {
  const digest = code === '' ? 'unknown: the program did not come from a file' : code
  return [`fullmesh ${version}`, `runtime  ${runtime}, ${platform}`, `code     ${digest}`].join(
    '\n',
  )
}

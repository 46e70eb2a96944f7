/** The line of a refusal, which a proxy may not have; empty for what is served. */
export async function problemIn(response: Response): Promise<string> {
  if (response.ok) return ''
  return (await response.text()).trim() || `HTTP status ${response.status}`
}

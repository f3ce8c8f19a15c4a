export interface ItemDraft {
  readonly name: string
  readonly price_cents: number
}

export interface Item extends ItemDraft {
  readonly id: number
}

export async function listItems(): Promise<readonly Item[]> {
  return (await call('GET', '/api/items')).json()
}

export async function addItem(draft: ItemDraft): Promise<Item> {
  return (await call('POST', '/api/items', draft)).json()
}

export async function removeItem(id: number): Promise<void> {
  await call('DELETE', `/api/items/${id}`)
}

/** Throws a text for the user, whatever went wrong. */
async function call(method: string, path: string, body?: unknown): Promise<Response> {
  const answer = await fetch(path, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    signal: AbortSignal.timeout(10_000),
  }).catch(() => {
    throw new Error('The shop cannot be reached. Is your connection up?')
  })
  if (!answer.ok) throw new Error(`The shop did not do it (${answer.status}). Try again in a moment.`)
  return answer
}

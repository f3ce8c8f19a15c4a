// Served with the pages of a running server: when something changed, the page is fetched again and only what differs is
// replaced, with the reader's folds, scroll position and focus kept.
const source = new EventSource('/_pages/changes')
// What the server last said of a fold. A fold follows the server only when this changes, so the reader's choice stays.
const servedOpen = new WeakMap()
let connected = false
let busy = false
let again = false

for (const fold of document.querySelectorAll('details')) servedOpen.set(fold, fold.open)
for (const log of document.querySelectorAll('[data-follow]')) log.scrollTop = log.scrollHeight

source.addEventListener('change', update)
source.addEventListener('open', () => {
  // After a lost connection something may have changed meanwhile.
  if (connected) update()
  connected = true
})
// Durations of what runs go on while nothing else changes.
setInterval(() => {
  if (!document.hidden && source.readyState === EventSource.OPEN && document.querySelector('.dot.busy')) update()
}, 2000)

async function update() {
  if (busy) {
    again = true
    return
  }
  busy = true
  try {
    const next = await fetched()
    if (next !== undefined) show(new DOMParser().parseFromString(next, 'text/html'))
  } finally {
    busy = false
    if (again) {
      again = false
      update()
    }
  }
}

/** Nothing while the server is away: the event source connects again by itself, and then the page is fetched. */
async function fetched() {
  try {
    const response = await fetch(location.pathname, { headers: { accept: 'text/html' } })
    return response.ok ? await response.text() : undefined
  } catch {
    return undefined
  }
}

function show(next) {
  const followed = [...document.querySelectorAll('[data-follow]')].filter(
    log => log.scrollHeight - log.scrollTop - log.clientHeight < 8,
  )
  if (document.title !== next.title) document.title = next.title
  patch(document.querySelector('header.top'), next.querySelector('header.top'))
  patch(document.querySelector('main'), next.querySelector('main'))
  for (const log of followed) log.scrollTop = log.scrollHeight
}

function patch(now, next) {
  if (now.isEqualNode(next)) {
    if (now.nodeName === 'DETAILS') servedOpen.set(now, next.open)
    return
  }
  if (now.nodeType !== Node.ELEMENT_NODE) {
    if (now.nodeValue !== next.nodeValue) now.nodeValue = next.nodeValue
    return
  }
  for (const { name } of [...now.attributes])
    if (!next.hasAttribute(name) && !isFold(now, name)) now.removeAttribute(name)
  for (const { name, value } of next.attributes)
    if (!isFold(now, name) && now.getAttribute(name) !== value) now.setAttribute(name, value)
  if (now.nodeName === 'DETAILS') {
    if (next.open && servedOpen.get(now) !== true) now.open = true
    servedOpen.set(now, next.open)
  }
  patchChildren(now, next)
}

function isFold(element, attribute) {
  return element.nodeName === 'DETAILS' && attribute === 'open'
}

/** Children are matched by their key, so that a new row above others leaves those, and the focus in them, alone. */
function patchChildren(now, next) {
  const olds = new Map([...now.children].filter(keyOf).map(child => [keyOf(child), child]))
  const stays = new Set([...next.children].map(keyOf))
  let cursor = now.firstChild
  for (const child of next.childNodes) {
    const namesake = keyOf(child) === '' ? undefined : olds.get(keyOf(child))
    const known = namesake?.nodeName === child.nodeName ? namesake : undefined
    while (cursor && cursor !== known && (known || keyOf(cursor)) && !(keyOf(cursor) && stays.has(keyOf(cursor))))
      cursor = removed(cursor)
    const match = known ?? (cursor && isAlike(cursor, child) ? cursor : undefined)
    if (match === undefined) now.insertBefore(fresh(child), cursor)
    else {
      if (match === cursor) cursor = cursor.nextSibling
      else now.insertBefore(match, cursor)
      patch(match, child)
    }
  }
  while (cursor) cursor = removed(cursor)
}

function isAlike(now, next) {
  return now.nodeType === next.nodeType && now.nodeName === next.nodeName && !keyOf(now) && !keyOf(next)
}

function keyOf(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node.id || node.dataset.key || '' : ''
}

function removed(node) {
  const after = node.nextSibling
  node.remove()
  return after
}

function fresh(node) {
  const copy = document.importNode(node, true)
  if (copy.nodeType === Node.ELEMENT_NODE)
    for (const fold of [copy, ...copy.querySelectorAll('details')]) servedOpen.set(fold, fold.open === true)
  return copy
}

// Served with the pages of a running server: when something changed, the page is fetched again and only what differs is
// replaced, with open folds, the scroll position and the focus kept.
const source = new EventSource('/_pages/changes')
let busy = false
let again = false

source.addEventListener('change', update)

async function update() {
  if (busy) {
    again = true
    return
  }
  busy = true
  try {
    const response = await fetch(location.pathname, { headers: { accept: 'text/html' } })
    if (response.ok) {
      const next = new DOMParser().parseFromString(await response.text(), 'text/html')
      document.title = next.title
      patch(document.querySelector('header.top'), next.querySelector('header.top'))
      patch(document.querySelector('main'), next.querySelector('main'))
    }
  } finally {
    busy = false
    if (again) {
      again = false
      update()
    }
  }
}

function patch(now, next) {
  if (now.isEqualNode(next)) return
  if (now.nodeType !== next.nodeType || now.nodeName !== next.nodeName || now.id !== next.id) {
    now.replaceWith(next.cloneNode(true))
    return
  }
  if (now.nodeType !== Node.ELEMENT_NODE) {
    now.nodeValue = next.nodeValue
    return
  }
  for (const { name } of [...now.attributes])
    if (!next.hasAttribute(name) && !(now.nodeName === 'DETAILS' && name === 'open')) now.removeAttribute(name)
  for (const { name, value } of next.attributes) if (now.getAttribute(name) !== value) now.setAttribute(name, value)
  const olds = [...now.childNodes]
  const news = [...next.childNodes]
  news.forEach((child, index) => {
    if (olds[index]) patch(olds[index], child)
    else now.append(child.cloneNode(true))
  })
  for (const extra of olds.slice(news.length)) extra.remove()
}

import { useEffect, useState, type SubmitEvent } from 'react'
import { addItem, listItems, removeItem, type Item } from './api.ts'
import { formatPrice, parsePrice } from './price.ts'

export function Shop() {
  const [items, setItems] = useState<readonly Item[]>()
  const [problem, setProblem] = useState('')

  useEffect(() => {
    listItems().then(setItems, showProblem)
  }, [])

  function showProblem(error: unknown): void {
    setProblem(error instanceof Error ? error.message : String(error))
  }

  async function add(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault()
    const form = event.currentTarget
    const fields = new FormData(form)
    try {
      const item = await addItem({
        name: String(fields.get('name')),
        price_cents: parsePrice(String(fields.get('price'))),
      })
      setItems((items = []) => [...items, item])
      setProblem('')
      form.reset()
    } catch (error) {
      showProblem(error)
    }
  }

  async function remove(id: number): Promise<void> {
    try {
      await removeItem(id)
      setItems((items = []) => items.filter(item => item.id !== id))
      setProblem('')
    } catch (error) {
      showProblem(error)
    }
  }

  return (
    <main>
      <h1>Shop</h1>
      {problem && <p role="alert">{problem}</p>}
      {items?.length === 0 && <p>Nothing is for sale. Add the first item below.</p>}
      <ul>
        {items?.map(({ id, name, price_cents }) => (
          <li key={id}>
            <span>{name}</span>
            <span className="price">{formatPrice(price_cents)}</span>
            <button type="button" aria-label={`Remove ${name}`} onClick={() => void remove(id)}>
              Remove
            </button>
          </li>
        ))}
      </ul>
      <form onSubmit={event => void add(event)}>
        <input name="name" aria-label="Name" placeholder="Name" required maxLength={200} />
        <input name="price" aria-label="Price in dollars" placeholder="12.50" required inputMode="decimal" />
        <button>Add</button>
      </form>
    </main>
  )
}

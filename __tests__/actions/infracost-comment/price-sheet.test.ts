import { expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import sheet from '../../../actions/infracost-comment/src/prices.json' with { type: 'json' }

it('every price has a source, and docs/cost.md names each with its day', () => {
  const guide = readFileSync('docs/cost.md', 'utf8').replace(/ +\|/g, ' |')
  for (const { date, text } of Object.values(sheet.sources)) expect(guide).toContain(`| ${date} | ${text} |`)
  const used = new Set(Object.values(sheet.prices).flatMap(region => Object.values(region).map(([, source]) => source)))
  expect([...used].sort()).toEqual(Object.keys(sheet.sources).sort())
})

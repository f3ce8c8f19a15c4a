import { expect, it } from '@jest/globals'
import { main } from '../../../actions/deploy-compose/src/main.ts'
import { renderReport } from '../../../actions/deploy-compose/src/report.ts'
import { FakeFiles, FakeLog, FakeSummary } from '../../support/fakes.ts'

it('says how large the file is', async () => {
  const [files, log, summary] = [new FakeFiles({ 'docs/x.md': 'four' }), new FakeLog(), new FakeSummary()]
  const outputs = await main({ path: 'x.md', 'working-directory': 'docs' }, { files, log, summary })
  expect(outputs).toEqual({ size: '4' })
  expect(log.notices).toEqual(['x.md: 4 bytes'])
  expect(summary.text()).toBe(renderReport('x.md', 4))
})

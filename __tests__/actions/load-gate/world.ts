import { inputs as spec, type Inputs } from '../../../actions/load-gate/src/inputs.ts'
import { readInputs } from '../../../kit/inputs.ts'
import {
  FakeChecks,
  FakeFiles,
  FakeLoadGenerator,
  FakeLog,
  FakeStatuses,
  FakeSummary,
  makeRun,
} from '../../support/fakes.ts'

export function given(values: Record<string, string> = {}): Inputs {
  const all: Record<string, string> = {
    ...{ engine: 'embedded', target: 'https://staging.example', 'allowed-hosts': 'staging.example' },
    ...{ rate: '50', duration: '2s', users: '10', 'working-directory': '.', 'status-context': 'load-gate' },
    thresholds: 'p95(latency) < 300ms\nerror_rate < 1%',
    ...values,
  }
  return readInputs(
    spec,
    name => all[name] ?? '',
    () => undefined,
  )
}

export function world(loadGenerator = new FakeLoadGenerator(), files: Record<string, string> = {}) {
  return {
    ...{ loadGenerator, files: new FakeFiles(files), log: new FakeLog(), summary: new FakeSummary(), run: makeRun() },
    ...{ statuses: new FakeStatuses(), checks: new FakeChecks() },
  }
}

import { inputs as spec, type Inputs } from '../../../actions/load-gate/src/inputs.ts'
import { inputsOf } from '../../support/action-inputs.ts'
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
  return inputsOf('load-gate', spec, {
    ...{ target: 'https://staging.example', 'allowed-hosts': 'staging.example' },
    ...{ rate: '50', duration: '2s', users: '10', thresholds: 'p95(latency) < 300ms\nerror_rate < 1%' },
    ...values,
  })
}

export function world(loadGenerator = new FakeLoadGenerator(), files: Record<string, string> = {}) {
  return {
    ...{ loadGenerator, files: new FakeFiles(files), log: new FakeLog(), summary: new FakeSummary(), run: makeRun() },
    ...{ statuses: new FakeStatuses(), checks: new FakeChecks() },
  }
}

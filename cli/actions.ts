import * as ansiblePlaybookInputs from '../actions/ansible-playbook/src/inputs.ts'
import * as ansiblePlaybook from '../actions/ansible-playbook/src/main.ts'
import * as buildTagInputs from '../actions/build-tag/src/inputs.ts'
import * as buildTag from '../actions/build-tag/src/main.ts'
import * as deployComposeInputs from '../actions/deploy-compose/src/inputs.ts'
import * as deployCompose from '../actions/deploy-compose/src/main.ts'
import * as infracostCommentInputs from '../actions/infracost-comment/src/inputs.ts'
import * as infracostComment from '../actions/infracost-comment/src/main.ts'
import * as loadGateInputs from '../actions/load-gate/src/inputs.ts'
import * as loadGate from '../actions/load-gate/src/main.ts'
import * as terraformAcknowledgeInputs from '../actions/terraform-acknowledge/src/inputs.ts'
import * as terraformAcknowledge from '../actions/terraform-acknowledge/src/main.ts'
import * as terraformApplyInputs from '../actions/terraform-apply/src/inputs.ts'
import * as terraformApply from '../actions/terraform-apply/src/main.ts'
import * as terraformDriftInputs from '../actions/terraform-drift/src/inputs.ts'
import * as terraformDrift from '../actions/terraform-drift/src/main.ts'
import * as terraformPlanInputs from '../actions/terraform-plan/src/inputs.ts'
import * as terraformPlan from '../actions/terraform-plan/src/main.ts'
import * as terraformReviewedPlanInputs from '../actions/terraform-reviewed-plan/src/inputs.ts'
import * as terraformReviewedPlan from '../actions/terraform-reviewed-plan/src/main.ts'
import * as terraformRootsInputs from '../actions/terraform-roots/src/inputs.ts'
import * as terraformRoots from '../actions/terraform-roots/src/main.ts'
import * as terraformValidateInputs from '../actions/terraform-validate/src/inputs.ts'
import * as terraformValidate from '../actions/terraform-validate/src/main.ts'
import type { Action } from '../kit/action.ts'

/** Every action. Written by `npm run docs`. */
export const ACTIONS: Readonly<Record<string, Action>> = {
  'ansible-playbook': { name: 'ansible-playbook', ...ansiblePlaybookInputs, ...ansiblePlaybook },
  'build-tag': { name: 'build-tag', ...buildTagInputs, ...buildTag },
  'deploy-compose': { name: 'deploy-compose', ...deployComposeInputs, ...deployCompose },
  'infracost-comment': { name: 'infracost-comment', ...infracostCommentInputs, ...infracostComment },
  'load-gate': { name: 'load-gate', ...loadGateInputs, ...loadGate },
  'terraform-acknowledge': { name: 'terraform-acknowledge', ...terraformAcknowledgeInputs, ...terraformAcknowledge },
  'terraform-apply': { name: 'terraform-apply', ...terraformApplyInputs, ...terraformApply },
  'terraform-drift': { name: 'terraform-drift', ...terraformDriftInputs, ...terraformDrift },
  'terraform-plan': { name: 'terraform-plan', ...terraformPlanInputs, ...terraformPlan },
  'terraform-reviewed-plan': {
    name: 'terraform-reviewed-plan',
    ...terraformReviewedPlanInputs,
    ...terraformReviewedPlan,
  },
  'terraform-roots': { name: 'terraform-roots', ...terraformRootsInputs, ...terraformRoots },
  'terraform-validate': { name: 'terraform-validate', ...terraformValidateInputs, ...terraformValidate },
}

export { planFileCommands } from './plan-file-commands.js';
export {
  readPlanFile,
  type CreditSystemEntry,
  type PlanEntry,
  type PlanFile,
  type PlanFileReading,
} from './read-plan-file.js';
export { writePlanFile } from './write-plan-file.js';

export { type Command, type CommandArgument, type CommandOption, Given, type Output, type Streams } from './command.ts'
export { CommandFailedError, UsageError } from './errors.ts'
export {
  addressesValue,
  addressValue,
  durationMsValue,
  integerValue,
  type KeyValue,
  keyValue,
  nameValue,
} from './option-values.ts'
export { type PackageInfo, packageInfo } from './package-info.ts'
export { runCommandLine } from './run.ts'
export {
  counted,
  shownAddress,
  shownCount,
  shownName,
  shownSeconds,
  shownText,
  shownValue,
} from './shown.ts'

"""The definition JSON (version 2020-12-01): model, parse, resolve, graph, lint. Pure.

- `model`: a definition as plain data (Definition, Step, Parameter, conditions, …)
- `parse`: `parse(text | object)` → Definition, or DefinitionError with every fault of form
- `check`: `check(text | object, operation_model)` → Definition, or DefinitionError with all that
  CreatePipeline refuses: names, references, cycles and each step's Arguments too
- `lint`: `lint(definition, operation_model)` → findings, each with a fix
- `references`, `paths`: the expressions in a value (`expressions`, `parse_expression`)
- `graph`: `build_graph(definition)` → Graph: edges with triggers, branches, order
- `parameters`: `effective_values(definition, given)`, `as_strings(values)`
- `resolve`: `resolve(value, Scope(…))`, `without_nulls(request)`
- `conditions`: `evaluate(step.conditions, scope)` → bool
- `arguments`: `check_arguments(definition, operation_model)`; `kinds`: the kind of a reference
- `cache_keys`: which arguments must be equal for a cache hit
- `step_types`: the step types, their keys, the operation each stands for
- `durations`, `render`: cache timeouts, values as text; `load`, `reader`: reading JSON
- `errors`: DefinitionError, ParameterError, ResolveError

`operation_model` is always `botocore.model.ServiceModel.operation_model` of SageMaker's model.
"""

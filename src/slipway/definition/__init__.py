"""The definition JSON (version 2020-12-01): model, parse, resolve, graph, lint. Pure.

- `model`: a definition as plain data (Definition, Step, Parameter, conditions, …)
- `parse`: `parse(text | object)` → Definition, or DefinitionError with every fault
- `references`: the expressions in a value (`expressions`, `parse_expression`, paths)
- `graph`: `build_graph(definition)` → Graph: edges with triggers, branches, order
- `parameters`: `effective_values(definition, given)`, `as_strings(values)`
- `resolve`: `resolve(value, Scope(…))`, `without_nulls(request)`
- `conditions`: `evaluate(step.conditions, scope)` → bool
- `durations`: cache timeouts
- `step_types`: the step types, their keys, the operation each stands for
- `errors`: DefinitionError, ParameterError, ResolveError
"""

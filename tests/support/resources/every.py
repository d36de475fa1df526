"""The examples of all resource types."""

from resources.bootstrap import EXAMPLES as BOOTSTRAP
from resources.data_lake import EXAMPLES as DATA_LAKE
from resources.functions import EXAMPLES as FUNCTIONS
from resources.governance import EXAMPLES as GOVERNANCE
from resources.identity import EXAMPLES as IDENTITY
from resources.machine_learning import EXAMPLES as MACHINE_LEARNING
from resources.messages import EXAMPLES as MESSAGES
from resources.network import EXAMPLES as NETWORK
from resources.operations import EXAMPLES as OPERATIONS

EXAMPLES = [
    *IDENTITY,
    *BOOTSTRAP,
    *NETWORK,
    *FUNCTIONS,
    *GOVERNANCE,
    *MESSAGES,
    *OPERATIONS,
    *MACHINE_LEARNING,
    *DATA_LAKE,
]

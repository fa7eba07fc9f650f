select salt
from {{ source('identity', 'salts') }}

-- Lines of spend.
select spend_key as found_for, records.* exclude (spend_key)
from behind
inner join spend_records as records using (spend_key)

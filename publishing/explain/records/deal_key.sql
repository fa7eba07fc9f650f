-- Deals of the CRM and of the files.
select deal_key as found_for, 'hubspot' as source, 'deals' as table_name, raw.id as record, _dlt_load_id
from behind
inner join build.sales.fct_deals as deals using (deal_key)
inner join hubspot.raw.deals as raw on deals.source = 'hubspot' and deals.source_deal_id = raw.id
union all
select deal_key, 'files', 'deals', raw.deal_id, _dlt_load_id
from behind
inner join build.sales.fct_deals as deals using (deal_key)
inner join files.raw.deals as raw on deals.source = 'files' and deals.source_deal_id = raw.deal_id

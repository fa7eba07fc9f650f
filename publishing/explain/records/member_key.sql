-- Members of mailing lists by Mailchimp's id; who they are is not shown.
select member_key as found_for, 'mailchimp' as source, 'members' as table_name, member_key as record, _dlt_load_id
from behind
inner join mailchimp.raw.members as raw on member_key = raw.list_id || ' ' || raw.email_id

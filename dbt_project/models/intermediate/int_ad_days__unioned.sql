{{ ad_days('campaign') }}

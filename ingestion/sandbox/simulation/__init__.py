"""How the company's days come about. Read in this order:

- `chance.py`: dice that always fall the same way
- `facts.py`: what can happen, as plain records, before any vendor has seen it
- `market.py`: the campaigns, mailings, flights and seminars the company ran, and the ways people come in
- `people.py`: who they are: names, companies, addresses
- `life.py`: what a person and those who work with them can do
- `journey.py`: how a whole life with the company goes
- `cast.py`, `guests.py`: people written by hand, so that every special case happens at any size (`scene.py`: how)
- `reveal.py`: what of all that has been seen by the end of a day

and what each vendor makes of it: `crm.py`, `mail.py`, `media.py` (ads, web, social) and `handover.py` (files).
"""

"""Words of signs, labels, meters and receipts, and the commonest of English, by hand."""

from __future__ import annotations

SIGNS = """
exit entrance entry push pull open closed welcome parking car park no smoking danger warning
caution private keep clear fire door hose reel extinguisher emergency stop slow speed limit bus
station taxi stand way one road street avenue lane drive court square centre center mall plaza
tower building block level floor basement lobby lift stairs escalator toilet toilets restroom
ladies gents men women gate platform terminal airport hotel restaurant cafe coffee bar pub bakery
shop store market pharmacy clinic dental hospital school college university library museum theatre
cinema bank post office police city town hall club house home garden park beach bridge river lake
north south east west left right up down here please thank you wait queue pay counter cashier sale
sales off free new best price offer special discount save half buy get now today only from with
your our all more less big great fresh hot cold ice cream food drink water beer wine tea juice
pizza burger chicken fish beef rice noodle noodles soup salad bread cake chocolate fruit milk
sugar salt organic natural light zero fashion beauty hair salon spa nail shoes watch jewellery
gold diamond optical sport sports fitness gym travel tour tours money changer exchange loan
insurance property estate agency services service centre repair computer mobile phone digital
electronics camera photo print printing books toys gifts flowers furniture design studio gallery
art music dance kids baby family world international global group limited ltd pte inc co company
corporation holdings trading enterprise industries management engineering construction systems
solutions technology software network media press news daily times open hours monday tuesday
wednesday thursday friday saturday sunday mon tue wed thu fri sat sun daily january february march
april may june july august september october november december jan feb mar apr jun jul aug sep oct
nov dec am pm tel fax email web www http call contact info visit follow like share total subtotal
sub tax gst vat cash change card visa master debit credit amount qty quantity item description
unit price disc discount rounding receipt invoice bill no number date time cashier customer member
points balance due paid tendered thank come again goods sold not returnable exchangeable service
charge table pax guest order bill inclusive summary code rate approval terminal serial model type
class batch lot exp mfg made in use before weight net gross volume size height width length
voltage current power frequency input output rated max min temp temperature pressure meter reading
energy gas electricity flow reverse forward total register index kwh imp rev const name address
city state country zip phone signature approved by checked page form report file copy to of the
and for or on at in is it an as be are was this that will can have has had not but what we us they
he she his her them there their which who when where why how do does did done if so than then some
any each every other another same such own too very just also into over under after before between
through during about against again once first second third last next most much many few good well
old young long short high low small large early late full empty safe easy hard fast quick real
true life love live work day night week month year people man woman child children boy girl friend
king queen royal grand golden silver star sun moon sky sea island view hill valley forest green
red blue white black yellow orange pink brown grey super mega mini ultra pro plus max express
premium classic original quality value choice taste heart soul dream magic power energy life style
line
"""


def sign_words() -> tuple[str, ...]:
    """Return the words, each once, in their order."""
    return tuple(dict.fromkeys(SIGNS.split()))

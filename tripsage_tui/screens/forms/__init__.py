"""Forms: one screen per kind of record, on a common ground that keeps what was typed. Rules live in the models.

`TripForm(planner, trip=None, stops=())` returns the trip, `FlightForm`, `StayForm`,
`TransportForm` and `ItemForm(planner, trip, stops, booking=None, day=None)` the booking; None when left.
`opening.form_of(planner, draft)` is the form of a draft, `resume.ResumeDialog(draft, now)` asks whether to open it.
"""

"""Files on trips, bookings and messages: records, bytes, virus scanning, the copies that are opened.

`service.Attachments` is what everybody else uses. Bytes lie in a `stores.Store`: a folder beside the embedded database
or Supabase Storage. Knows no screen and no SQL; says what goes wrong as `errors.AttachmentError`.
"""

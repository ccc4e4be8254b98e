"""A phone: it boots, checks every file as strictly as a phone could, and presses the directory key.

A second opinion on everything the server sends, written from the phone's side. Nothing here may import the renderer,
the catalogue or anything else of the services: a mistake made once must not be made twice.
"""

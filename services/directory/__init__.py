"""Answers the phone's directory key in XML. Never imports the provision service, never sees a SIP secret."""

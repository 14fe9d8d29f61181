package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// Headers are those of net/http.
type Headers interface {
	Get(name string) string
	Set(name, value string)
}

// SignWebhook sets the headers of a webhook to Conveyor. Send body exactly as it is given here.
func SignWebhook(headers Headers, secret string, body []byte, at time.Time) {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	headers.Set("X-Salesforce-Timestamp", timestamp)
	headers.Set("X-Salesforce-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// VerifyDelivery tells whether Conveyor sent this delivery. body is what was received, before any parsing; secret
// begins with whsec_.
func VerifyDelivery(headers Headers, secret string, body []byte, now time.Time) bool {
	id, timestamp := headers.Get("webhook-id"), headers.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if id == "" || err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > 5*time.Minute {
		return false
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	wanted := mac.Sum(nil)
	// Several, separated by spaces, while a secret is changed.
	for _, signature := range strings.Split(headers.Get("webhook-signature"), " ") {
		text, isKnown := strings.CutPrefix(signature, "v1,")
		given, err := base64.StdEncoding.DecodeString(text)
		if isKnown && err == nil && hmac.Equal(given, wanted) {
			return true
		}
	}
	return false
}

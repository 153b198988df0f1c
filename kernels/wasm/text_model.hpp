// The character model of sent text, which JavaScript fetches for the first stream that needs it.
#pragma once

namespace tcs::web {

bool has_text_model();

}  // namespace tcs::web

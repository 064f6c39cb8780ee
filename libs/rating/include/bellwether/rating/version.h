// The version of the rules: part of the names of the scores topic and of the scoring group.
#ifndef BELLWETHER_RATING_VERSION_H_
#define BELLWETHER_RATING_VERSION_H_

namespace bellwether::rating {

// Raised whenever libs/rating, libs/codec or the encoding of Update would give other bytes for the same log.
// tests/golden fails when bytes change without a raise. A function, so that a test can link the services with another.
int RulesVersion();

}  // namespace bellwether::rating

#endif  // BELLWETHER_RATING_VERSION_H_

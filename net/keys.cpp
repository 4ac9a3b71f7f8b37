#include <ctime>
#include <stdexcept>
#include <utility>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "net/sign.h"

namespace net {
namespace {

template <auto Release>
struct Releaser {
  template <class T>
  void operator()(T* what) const {
    Release(what);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Releaser<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Releaser<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Releaser<EVP_MD_CTX_free>>;
using Certificate = std::unique_ptr<X509, Releaser<X509_free>>;
using Number = std::unique_ptr<BIGNUM, Releaser<BN_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Releaser<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Releaser<OSSL_PARAM_free>>;
using Memory = std::unique_ptr<BIO, Releaser<BIO_free_all>>;

void require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("OpenSSL: ") + what + " failed");
}

Memory reader(std::string_view text) {
  return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string number_base64url(EVP_PKEY* key, const char* name) {
  BIGNUM* raw = nullptr;
  require(EVP_PKEY_get_bn_param(key, name, &raw) == 1, "reading an RSA number");
  const Number number(raw);
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(number.get())), '\0');
  BN_bn2bin(number.get(), reinterpret_cast<unsigned char*>(bytes.data()));
  return base64url(bytes);
}

Number number_from(std::string_view text) {
  const auto bytes = unbase64url(text);
  if (!bytes || bytes->empty()) return nullptr;
  return Number(BN_bin2bn(bytes_of(*bytes), static_cast<int>(bytes->size()), nullptr));
}

}  // namespace

struct PrivateKey::Impl {
  Key key;
};

PrivateKey::PrivateKey(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PrivateKey::~PrivateKey() = default;
PrivateKey::PrivateKey(PrivateKey&&) noexcept = default;
PrivateKey& PrivateKey::operator=(PrivateKey&&) noexcept = default;

PrivateKey PrivateKey::generate() {
  Key key(EVP_RSA_gen(2048));
  require(key != nullptr, "generating an RSA key");
  return PrivateKey(std::make_unique<Impl>(Impl{std::move(key)}));
}

PrivateKey PrivateKey::from_pem(std::string_view pem) {
  const Memory memory = reader(pem);
  Key key(PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr));
  require(key != nullptr && EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_RSA, "reading an RSA private key");
  return PrivateKey(std::make_unique<Impl>(Impl{std::move(key)}));
}

std::string PrivateKey::sign_rs256(std::string_view data) const {
  const DigestContext context(EVP_MD_CTX_new());
  require(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, impl_->key.get()) == 1,
          "signing");
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(impl_->key.get()));
  std::string out(size, '\0');
  require(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes_of(data),
                         data.size()) == 1,
          "signing");
  out.resize(size);
  return out;
}

std::string PrivateKey::certificate_pem(std::string_view common_name) const {
  constexpr long kDay = 24L * 3600;
  const Certificate certificate(X509_new());
  X509* raw = certificate.get();
  require(raw != nullptr && X509_set_version(raw, 2) == 1, "making a certificate");
  ASN1_INTEGER_set(X509_get_serialNumber(raw), 1);
  X509_gmtime_adj(X509_getm_notBefore(raw), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(raw), 3650 * kDay);
  X509_set_pubkey(raw, impl_->key.get());
  X509_NAME* name = X509_get_subject_name(raw);
  require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, bytes_of(common_name),
                                     static_cast<int>(common_name.size()), -1, 0) == 1 &&
              X509_set_issuer_name(raw, name) == 1 && X509_sign(raw, impl_->key.get(), EVP_sha256()) > 0,
          "signing a certificate");
  const Memory memory(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509(memory.get(), raw) == 1, "writing a certificate");
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string PrivateKey::modulus_base64url() const {
  return number_base64url(impl_->key.get(), OSSL_PKEY_PARAM_RSA_N);
}

std::string PrivateKey::exponent_base64url() const {
  return number_base64url(impl_->key.get(), OSSL_PKEY_PARAM_RSA_E);
}

struct PublicKey::Impl {
  Key key;
};

PublicKey::PublicKey(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PublicKey::~PublicKey() = default;
PublicKey::PublicKey(PublicKey&&) noexcept = default;
PublicKey& PublicKey::operator=(PublicKey&&) noexcept = default;

std::optional<PublicKey> PublicKey::from_certificate_pem(std::string_view pem) {
  const Memory memory = reader(pem);
  const Certificate certificate(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
  if (!certificate) return std::nullopt;
  Key key(X509_get_pubkey(certificate.get()));
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) return std::nullopt;
  return PublicKey(std::make_unique<Impl>(Impl{std::move(key)}));
}

std::optional<PublicKey> PublicKey::from_jwk(std::string_view n_base64url, std::string_view e_base64url) {
  const Number n = number_from(n_base64url);
  const Number e = number_from(e_base64url);
  if (!n || !e) return std::nullopt;
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  require(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
              OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1,
          "building a key");
  const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  require(params && context && EVP_PKEY_fromdata_init(context.get()) == 1, "building a key");
  EVP_PKEY* raw = nullptr;
  if (EVP_PKEY_fromdata(context.get(), &raw, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) return std::nullopt;
  return PublicKey(std::make_unique<Impl>(Impl{Key(raw)}));
}

bool PublicKey::verify_rs256(std::string_view data, std::string_view signature) const {
  const DigestContext context(EVP_MD_CTX_new());
  return context &&
         EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, impl_->key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(data),
                          data.size()) == 1;
}

}  // namespace net

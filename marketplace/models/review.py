"""The review of a product version: who works it, and what was found gate by gate."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.ids import PrefixedIdField
from core.states import in_states
from marketplace.models.product import ProductVersion
from marketplace.states import CheckResult


class Review(models.Model):
    """One reviewer's work on one version, and the second person's decision.

    A review that was given back (`released_at`) is over; the version can be claimed anew.
    Four eyes in the database: whoever decided a listing is not whoever recommended it.
    """

    id = PrefixedIdField(prefix="rvw")
    version = models.ForeignKey(ProductVersion, models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="+")
    claimed_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    recommended_at = models.DateTimeField(null=True)
    approver = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("product review")
        verbose_name_plural = _("product reviews")
        constraints = [
            models.UniqueConstraint(
                fields=["version"],
                condition=Q(released_at=None),
                name="review_one_open_per_version",
            ),
            models.CheckConstraint(
                condition=Q(released_at=None) | Q(recommended_at=None),
                name="review_released_before_recommendation",
            ),
            models.CheckConstraint(
                condition=Q(approver__isnull=True, approved_at__isnull=True)
                | Q(
                    approver__isnull=False,
                    approved_at__isnull=False,
                    recommended_at__isnull=False,
                ),
                name="review_approved_after_recommendation",
            ),
            models.CheckConstraint(
                condition=Q(approver__isnull=True) | ~Q(approver=F("reviewer")),
                name="review_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} of {self.version_id}"


class ReviewCheck(models.Model):
    """The reviewer's statement on one gate. Evidence: a later word is a new row."""

    id = PrefixedIdField(prefix="chk")
    review = models.ForeignKey(Review, models.PROTECT, related_name="checks")
    gate = models.CharField(max_length=4)
    result = models.CharField(max_length=4, choices=CheckResult.choices)
    comment = models.CharField(max_length=1000, blank=True, default="")
    evidence = models.CharField(max_length=200, blank=True, default="")
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="+")
    checked_at = models.DateTimeField()

    class Meta:
        verbose_name = _("review check")
        verbose_name_plural = _("review checks")
        indexes = [models.Index(fields=["review", "gate", "id"], name="review_check_newest")]
        constraints = [
            models.CheckConstraint(
                condition=in_states(CheckResult, field_name="result"), name="check_result_known"
            ),
            models.CheckConstraint(
                condition=Q(result=CheckResult.PASS) & ~Q(evidence="")
                | Q(result=CheckResult.FAIL) & ~Q(comment=""),
                name="check_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gate} {self.result}"

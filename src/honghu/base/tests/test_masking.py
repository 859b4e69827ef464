import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.base.masking import (
    HIDDEN,
    mask_account,
    mask_name,
    mask_phone,
    mask_resident_id,
)


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("张三丰", "张*"),
        ("欧阳娜", "欧阳*"),
        ("欧阳", "欧*"),
        ("诸葛孔明", "诸葛*"),
        (" 李四 ", "李*"),
        ("李", "*"),
        ("", "*"),
    ],
)
def test_names(name, masked):
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("mask", "value", "masked"),
    [
        (mask_resident_id, "42108319900101001x", "421083********001X"),
        (mask_resident_id, "421083900101001", HIDDEN),
        (mask_phone, "13812340000", "138****0000"),
        (mask_phone, "+86 138-1234-0000", "138****0000"),
        (mask_phone, "0716-2422222", HIDDEN),
        (mask_account, "6222 0212 3456 7890", "****7890"),
        (mask_account, "1234567", HIDDEN),
    ],
)
def test_numbers(mask, value, masked):
    assert mask(value) == masked


@given(st.text(max_size=30))
def test_no_mask_shows_more_than_it_says(value):
    assert len(mask_name(value)) <= 3
    for mask, shown in [
        (mask_resident_id, 10),
        (mask_phone, 7),
        (mask_account, 4),
    ]:
        masked = mask(value)
        assert "****" in masked
        assert len(masked.replace("*", "")) <= shown
